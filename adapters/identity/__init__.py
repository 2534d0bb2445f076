"""Who is calling: tokens, their issuers and their checks."""
