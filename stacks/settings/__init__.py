"""Settings of an environment: blocks of `cdk.json`, parsed and checked as a whole."""
