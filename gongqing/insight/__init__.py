"""Looking over everything: figures, boards, the trace. Writes nothing but its own snapshots (there are none yet).

Every rate is defined once, in `rules`, with numerator, denominator, period and population. Calls everything below.
"""
