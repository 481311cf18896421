"""One module per noun of the service; none knows another."""
