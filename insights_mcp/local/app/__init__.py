"""The HTTP face of the local backend: routes, auth, paging, the one error body."""
