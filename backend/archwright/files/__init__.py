"""Files that jobs made for people to fetch."""
