"""What the API answers, read leniently: unknown keys kept, missing ones defaulted. Not shared with the backend."""
