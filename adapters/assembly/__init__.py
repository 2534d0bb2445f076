"""The one place that names concrete adapters: a file for each home, since homes are never shared.

`hub` opens the hub's home, `borough` a borough's, `ceremonies` makes the keys of either.
"""
