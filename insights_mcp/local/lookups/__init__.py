"""Plain look-ups over stored events: values of properties, single events, autocaptured elements. No query kinds."""
