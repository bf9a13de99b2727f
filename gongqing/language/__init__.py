"""Chinese text in, numbers out: what an appeal is about, what it says in people, money and danger.

Classification by shipped weights, facts by rules; offline, explainable, without Django. Rank base: calls lib alone.
"""
