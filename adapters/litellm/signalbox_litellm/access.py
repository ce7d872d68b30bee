"""Which models a key could name itself: a decision may not reach further than that."""

from litellm.proxy._types import ProxyException, UserAPIKeyAuth
from litellm.proxy.auth.auth_checks import can_key_call_resolved_model

from .settings import Settings


async def models_of(key: UserAPIKeyAuth, settings: Settings) -> list[str]:
    """Names of model groups, by the checks that LiteLLM itself makes of a model that is named."""
    from litellm.proxy.proxy_server import llm_router  # Set when the proxy has read its config.

    if llm_router is None:
        return []
    names = [name for name in dict.fromkeys(llm_router.get_model_names()) if not settings.is_routed(name)]
    return [name for name in names if await _may_name(key, name)]


async def _may_name(key: UserAPIKeyAuth, model: str) -> bool:
    from litellm.proxy.proxy_server import llm_router

    try:
        await can_key_call_resolved_model(model=model, llm_model_list=None, valid_token=key, llm_router=llm_router)
    except ProxyException:
        return False
    return True
