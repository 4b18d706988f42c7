"""csdesk: the customer-service desk in a terminal. Importing this package costs nothing."""

__version__ = "0.1.0"
