"""Fronts of AWS other than API Gateway itself: gateways of AgentCore, and firewalls of WAF."""
