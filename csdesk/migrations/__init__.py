"""The schema's history inside the package, so that an installed csdesk can bring its own database up to date."""
