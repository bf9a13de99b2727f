"""A believable small Ningbo (演示数据): real regions, invented organisations, people and matters.

Everything is made through the same actions that the pages and the API call, with the moment passed in, so a
demonstration shows what the platform really does. `load` makes it all in one transaction, once.

`places` founds the organisations, `people` invents names and numbers, `cast` opens the accounts, `texts` holds what
people say, `plans` decides what becomes of each appeal, `lives` leads it there step by step, `stage` keeps the time.
"""
