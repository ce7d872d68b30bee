"""Signalbox in a LiteLLM proxy. In the proxy's config: `callbacks: ["signalbox_litellm.proxy.hook"]`."""
