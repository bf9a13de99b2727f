"""Small topic files without domain words: errors, times, workdays, codes, crypto, masks, paging.

Pure Python: no Django, no database, no network. Everything above may import it; it imports nothing of ours.
"""
