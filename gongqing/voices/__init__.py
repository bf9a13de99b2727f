"""What many workers say: shared needs (共性需求) and their way to an end, and which past cases are like one.

Words of its own: a voice is one appeal as a part of a shared need. Texts become vectors after they came in, never while
somebody waits; vectors become groups; a group that is said more often than usual becomes a shared need, which is
proposed, taken up, answered, done and fed back to everybody in it. Calls appeals and what lies below; dispatch, beside
it, shows what is like a case through the slots that are filled here.
"""
