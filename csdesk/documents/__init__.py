"""Documents as text, PDF and UBL, rendered from plain frozen data: no database, no clock, no settings."""
