"""The union's data base (工会数据底座): regions, organisations, zones, enterprises, people and members.

A path makes scope one prefix: city → county → town → federation → grassroots union. A zone (片区) is no level of the
tree; it holds unions by dated links. Personal data is sealed here and shown masked. Calls audit and lib.
"""
