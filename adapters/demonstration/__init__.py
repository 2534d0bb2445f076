"""The demonstration: a whole hub and its boroughs on one machine, with invented children."""
