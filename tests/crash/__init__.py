"""The real program on a terminal that breaks: bursts, kills, hang-ups, a database that goes away."""
