"""The edge on AWS: keys and spending in one table of DynamoDB."""
