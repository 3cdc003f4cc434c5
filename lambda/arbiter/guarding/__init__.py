"""Assessments of a guardrail of Bedrock: interventions and billed units."""
