"""The appeal's rules: pure, values in and values out.

`grading` says how urgent an appeal is and why.
"""
