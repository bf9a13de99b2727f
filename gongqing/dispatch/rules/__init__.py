"""The rules of dispatching: who handles (routing), within what time (limits), and where the time stands (clocks).

Pure: values in, values out. Cities differ by rows, which `limits` and `routing` read and write as JSON.
"""
