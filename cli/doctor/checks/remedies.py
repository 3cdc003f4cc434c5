"""The commands that a finding about a model names, beside those that open one."""


def availability(own: str, region: str) -> str:
    """Ask AWS for the state of a model."""
    return f"aws bedrock get-foundation-model-availability --region {region} --model-id {own}"


def daily_quota(region: str) -> str:
    """See the quotas of the day, of which more can be asked for."""
    query = "Quotas[?contains(QuotaName, 'tokens per day')].[QuotaName, Value, Adjustable]"
    return f'aws service-quotas list-service-quotas --region {region} --service-code bedrock --query "{query}"'
