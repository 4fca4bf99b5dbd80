"""Models of what is sent to the API. Both the client and the local backend use them."""
