"""What every test runs under: how hypothesis looks for counter-examples."""

import os

from hypothesis import settings

# No deadlines: two shared cores make slow examples a matter of luck. In CI the same examples every
# time, so that a red run can be repeated; at home new ones, so that more is found.
settings.register_profile("home", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "home"))
