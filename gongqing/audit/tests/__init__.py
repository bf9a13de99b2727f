"""Does the trace hold?"""
