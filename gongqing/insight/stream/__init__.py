"""Live counts for the cockpit (驾驶舱): one process, one LISTEN connection, many screens.

`listening` hears from PostgreSQL that something was done, `hub` counts again for who is watching and hands the newest
picture round, `application` speaks server-sent events, `viewing` knows who watches and what they may see.
"""
