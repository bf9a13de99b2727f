"""Users, sign-in, postings, API keys: a request becomes an Actor here.

Staff sign in by password, workers by phone and one-time code, partners by API key. A posting says who holds which role
at which organisation, from when until when. Calls registry, audit and lib.
"""
