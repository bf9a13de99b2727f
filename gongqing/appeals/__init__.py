"""The appeal itself (诉求): receiving, coding, classifying, grading, answering, judging, archiving.

One code for every appeal, whichever door it came through. Who may see it is a row in `Access`, read by
`visible_to(actor)` and by row-level security alike. Who handles it and by when is `dispatch`'s. Calls accounts,
registry, notices, audit, language and lib.
"""
