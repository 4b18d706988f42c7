"""The sample desk: a made-up wholesaler with six weeks of orders, built anew at will and moved to any day."""
