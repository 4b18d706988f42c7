"""What tests share: a real Postgres server, databases made from templates, a small desk, a clock to turn."""
