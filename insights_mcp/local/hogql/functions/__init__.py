"""The functions that HogQL may call, by family. What stands in no list here cannot be printed."""
