"""Who cuts figures out: the provider, a model file of the operator's, or this machine by colours alone."""
