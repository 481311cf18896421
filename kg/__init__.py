"""NEAKG: the linked-open-data graph of nature conservation across the borders of North-East Asia."""
