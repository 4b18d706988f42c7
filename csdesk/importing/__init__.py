"""Taking in files of other systems: mapping, reading, converting, driving. Nothing in here knows any one source."""
