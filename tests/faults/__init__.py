"""Bad input and faults: what is left after each?

- `invariants` asks a database what must always hold; `stage` is a running platform whose processes can be killed.
- `test_killed`: web processes, web server, job worker, database, `gongqing up`, each in the middle of work.
- `test_full_disk`: a full disk, and room again. `test_drill`: backup under load, restore elsewhere.
- `test_at_once`: the same number, the same button, two officers on one order, in threads against the real server.
- `test_bad_words`: hostile texts at every door, on every page, in every list. `test_bad_files`: files that lie or grow.
- `test_bad_requests`: values, bodies and addresses that cannot be. `test_large_bodies`: two hundred megabytes at once.

Beside the features, and not repeated here: fields of the API (`dispatch/tests/test_api_input`), rows of sheets
(`appeals/tests/test_sheet_rows`, `test_sheet_loads`), broken loads (`accounts/tests/test_loads_broken_off`), the archive
(`config/tests/test_backup`), generated requests (`tests/api_fuzz`), every page with axe-core
(`tests/browser/test_every_page`).
"""
