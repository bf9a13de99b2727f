"""Who handles an appeal and by when: work orders, clocks, reminders, supervision, escalation.

The case page, the worker's page of an appeal and the `/appeals` API live here, for this is the lowest package that may
see everything they show. Calls appeals, accounts, registry, notices, audit and lib; hears the appeal's events.
"""
