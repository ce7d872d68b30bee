"""Bytes of external processing as an implementation that is not ours writes them (PyPI envoy-data-plane 2.2.0).

Run once: python test/fakes/ext-proc-bytes.py > test/fakes/ext-proc-bytes.json
"""

import base64
import json

from envoy_data_plane.envoy.config.core.v3 import HeaderMap, HeaderValue, HeaderValueOption, Metadata
from envoy_data_plane.envoy.config.core.v3 import HeaderValueOptionHeaderAppendAction as Append
from envoy_data_plane.envoy.extensions.filters.http.ext_proc.v3 import (
    ProcessingMode,
    ProcessingModeBodySendMode as Body,
    ProcessingModeHeaderSendMode as Header,
)
from envoy_data_plane.envoy.service.ext_proc.v3 import (
    BodyMutation,
    BodyResponse,
    CommonResponse,
    HeaderMutation,
    HeadersResponse,
    HttpBody,
    HttpHeaders,
    HttpTrailers,
    ImmediateResponse,
    ProcessingRequest,
    ProcessingResponse,
    ProtocolConfiguration,
    StreamedBodyResponse,
    StreamedImmediateResponse,
    TrailersResponse,
)
from envoy_data_plane.envoy.type.v3 import HttpStatus
from envoy_data_plane.google.protobuf import Struct, Value

HEADERS = HeaderMap(headers=[HeaderValue(key=":path", raw_value=b"/v1/responses"), HeaderValue(key="x-a", value="b")])
CHANGE = HeaderMutation(
    set_headers=[
        HeaderValueOption(
            header=HeaderValue(key="x-selected-model", raw_value=b"small"),
            append_action=Append.OVERWRITE_IF_EXISTS_OR_ADD,
        )
    ],
    remove_headers=["x-signalbox-model"],
)


def struct(**members: str) -> Struct:
    return Struct(fields={name: Value(string_value=text) for name, text in members.items()})


def nested(name: str, inner: Struct) -> Struct:
    return Struct(fields={name: Value(struct_value=inner)})


REQUESTS = {
    "request_headers": ProcessingRequest(
        request_headers=HttpHeaders(headers=HEADERS, end_of_stream=True),
        metadata_context=Metadata(filter_metadata={"signalbox": struct(tenant="acme")}),
        protocol_config=ProtocolConfiguration(
            request_body_mode=Body.FULL_DUPLEX_STREAMED,
            response_body_mode=Body.STREAMED,
            send_body_without_waiting_for_header_response=True,
        ),
    ),
    "request_body": ProcessingRequest(request_body=HttpBody(body=b"\x00\xff", end_of_stream=True)),
    "request_trailers": ProcessingRequest(request_trailers=HttpTrailers(trailers=HEADERS)),
    "response_headers": ProcessingRequest(response_headers=HttpHeaders(headers=HEADERS), observability_mode=True),
    "response_body": ProcessingRequest(response_body=HttpBody(body=b"data: x\n\n")),
    "response_trailers": ProcessingRequest(response_trailers=HttpTrailers()),
}

RESPONSES = {
    "request_headers": ProcessingResponse(
        request_headers=HeadersResponse(response=CommonResponse(header_mutation=CHANGE, clear_route_cache=True)),
        dynamic_metadata=nested("signalbox", struct(model="small")),
    ),
    "request_body": ProcessingResponse(
        request_body=BodyResponse(
            response=CommonResponse(header_mutation=CHANGE, body_mutation=BodyMutation(body=b"{}"), clear_route_cache=True)
        )
    ),
    "request_body_streamed": ProcessingResponse(
        request_body=BodyResponse(
            response=CommonResponse(
                body_mutation=BodyMutation(streamed_response=StreamedBodyResponse(body=b"{}", end_of_stream=True))
            )
        )
    ),
    "request_trailers": ProcessingResponse(request_trailers=TrailersResponse()),
    "response_headers": ProcessingResponse(
        response_headers=HeadersResponse(response=CommonResponse(header_mutation=CHANGE)),
        mode_override=ProcessingMode(
            response_header_mode=Header.SEND, request_body_mode=Body.BUFFERED, response_body_mode=Body.STREAMED
        ),
    ),
    "response_body": ProcessingResponse(response_body=BodyResponse()),
    "response_trailers": ProcessingResponse(response_trailers=TrailersResponse()),
    "immediate_response": ProcessingResponse(
        immediate_response=ImmediateResponse(
            status=HttpStatus(code=403), headers=CHANGE, body=b"{}", details="signalbox_blocked"
        )
    ),
    "streamed_immediate_headers": ProcessingResponse(
        streamed_immediate_response=StreamedImmediateResponse(headers_response=HttpHeaders(headers=HEADERS))
    ),
    "streamed_immediate_body": ProcessingResponse(
        streamed_immediate_response=StreamedImmediateResponse(
            body_response=StreamedBodyResponse(body=b"data: x\n\n", end_of_stream=True)
        )
    ),
}

if __name__ == "__main__":
    table = {
        side: {name: base64.b64encode(bytes(message)).decode() for name, message in messages.items()}
        for side, messages in (("requests", REQUESTS), ("responses", RESPONSES))
    }
    print(json.dumps(table, indent=2))
