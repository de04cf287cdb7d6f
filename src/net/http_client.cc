#include "net/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "base/check.h"
#include "net/url.h"

namespace billhook::net {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

struct CloseHandle {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, CloseHandle>;
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

void append(HeaderList& list, std::string const& line) {
    auto* longer = curl_slist_append(list.get(), line.c_str());
    CHECK(longer != nullptr);
    (void)list.release();
    list.reset(longer);
}

// What the callbacks of one exchange write to.
struct Exchange {
    HttpResponse response;
    std::size_t bytes_left = 0;
    bool has_overflowed = false;
    bool may_resend = false;
    int sent_count = 0;
};

bool spend(Exchange& exchange, std::size_t bytes) {
    if (bytes > exchange.bytes_left) {
        exchange.has_overflowed = true;
        return false;
    }
    exchange.bytes_left -= bytes;
    return true;
}

std::size_t on_body(char const* data, std::size_t, std::size_t count, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    if (!spend(exchange, count)) return 0;
    exchange.response.body.append(data, count);
    return count;
}

std::string_view trimmed(std::string_view text) {
    auto const first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::size_t on_header(char const* data, std::size_t, std::size_t count, void* user) {
    auto& exchange = *static_cast<Exchange*>(user);
    if (!spend(exchange, count)) return 0;
    std::string_view const line(data, count);
    if (line.starts_with("HTTP/")) {  // a new head: what came before was a 1xx
        exchange.response.headers = {};
        return count;
    }
    auto const colon = line.find(':');
    if (colon != std::string_view::npos)
        exchange.response.headers.add(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
    return count;
}

// Called when the connection stands and before the first byte of the request. A second call means that libcurl found
// a kept connection dead and wants to send once more.
int on_before_send(void* user, char*, char*, int, int) {
    auto& exchange = *static_cast<Exchange*>(user);
    if (exchange.sent_count > 0 && !exchange.may_resend) return CURL_PREREQFUNC_ABORT;
    ++exchange.sent_count;
    return CURL_PREREQFUNC_OK;
}

bool may_resend(HttpRequest const& request) {
    static constexpr std::string_view idempotent[] = {"GET", "HEAD", "OPTIONS", "PUT", "DELETE"};
    return std::ranges::find(idempotent, request.method) != std::end(idempotent) ||
           request.headers.find("Idempotency-Key").has_value();
}

bool is_token(std::string_view text) {
    static constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               others.find(c) < others.size();
    });
}

// A line end in a header would let whoever chose its value write headers, or a second request.
Result<HeaderList> make_headers(HttpRequest const& request) {
    HeaderList list;
    for (auto const& [name, value] : request.headers.fields()) {
        bool const has_control = std::ranges::any_of(value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
        if (!is_token(name) || has_control)
            return fail(invalid(std::string(name),
                                "expected a header name of letters, digits and dashes and a value on one line"));
        if (Headers{{name, ""}}.find("Content-Length")) continue;
        append(list, std::string(name) + (value.empty() ? ";" : ": ") + std::string(value));
    }
    // Without these libcurl would wait for "100 Continue" and call every body a form.
    if (!request.headers.find("Expect")) append(list, "Expect:");
    if (!request.headers.find("Content-Type")) append(list, "Content-Type:");
    return list;
}

template <class T>
void set(CURL* handle, CURLoption option, T value) {
    CHECK(curl_easy_setopt(handle, option, value) == CURLE_OK);
}

void set_method(CURL* handle, HttpRequest const& request) {
    bool const has_body =
        !request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
    if (has_body) {
        set(handle, CURLOPT_POST, 1L);
        set(handle, CURLOPT_POSTFIELDS, request.body.data());
        set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    } else if (request.method == "HEAD") {
        set(handle, CURLOPT_NOBODY, 1L);
    } else {
        set(handle, CURLOPT_HTTPGET, 1L);
    }
    set(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void configure(CURL* handle, CurlTransportOptions const& options, std::chrono::milliseconds timeout) {
    auto const timeout_ms = static_cast<long>(timeout.count());
    set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
    set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(handle, CURLOPT_PATH_AS_IS, 1L);
    set(handle, CURLOPT_FOLLOWLOCATION, 0L);
    set(handle, CURLOPT_NOSIGNAL, 1L);
    set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options.ca_file.empty()) set(handle, CURLOPT_CAINFO, options.ca_file.c_str());
    set(handle, CURLOPT_USERAGENT, options.user_agent.c_str());
    set(handle, CURLOPT_TIMEOUT_MS, timeout_ms);
    set(handle, CURLOPT_CONNECTTIMEOUT_MS, std::min(timeout_ms, static_cast<long>(options.connect_timeout.ms)));
}

void write_to(CURL* handle, Exchange& exchange) {
    set(handle, CURLOPT_WRITEFUNCTION, &on_body);
    set(handle, CURLOPT_WRITEDATA, &exchange);
    set(handle, CURLOPT_HEADERFUNCTION, &on_header);
    set(handle, CURLOPT_HEADERDATA, &exchange);
    set(handle, CURLOPT_PREREQFUNCTION, &on_before_send);
    set(handle, CURLOPT_PREREQDATA, &exchange);
}

Error error_of(CURLcode code, Exchange const& exchange, char const* text, std::string const& host) {
    std::string const what = " (" + host + ": " + (text[0] != '\0' ? text : curl_easy_strerror(code)) + ")";
    if (exchange.sent_count == 0)
        return unavailable("connect_failed", "no connection could be made, nothing was sent" + what);
    if (exchange.has_overflowed)
        return unavailable("response_too_large", "the answer was longer than this client accepts" + what);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return unavailable("timeout", "no complete answer came in time; the peer may have acted" + what);
    return unavailable("connection_lost", "the connection ended before the answer; the peer may have acted" + what);
}

}  // namespace

// Handles carry their connections, so the one used last is taken first: it is the likeliest to be warm.
class CurlTransport::Pool {
  public:
    explicit Pool(int handles_max) : handles_max_(std::max(handles_max, 1)) {
        CHECK(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    }
    ~Pool() {
        free_.clear();
        curl_global_cleanup();
    }

    Handle take(SteadyTime deadline) {
        std::unique_lock lock(mutex_);
        auto const has_room = [&] { return !free_.empty() || made_ < handles_max_; };
        if (!has_room_.wait_until(lock, deadline, has_room)) return nullptr;
        if (!free_.empty()) {
            auto handle = std::move(free_.back());
            free_.pop_back();
            return handle;
        }
        Handle handle(curl_easy_init());
        CHECK(handle != nullptr);
        ++made_;
        return handle;
    }

    void give_back(Handle handle) {
        curl_easy_reset(handle.get());  // keeps connections, TLS sessions and the DNS cache
        {
            std::lock_guard lock(mutex_);
            free_.push_back(std::move(handle));
        }
        has_room_.notify_one();
    }

  private:
    int const handles_max_;
    std::mutex mutex_;
    std::condition_variable has_room_;
    int made_ = 0;
    std::vector<Handle> free_;
};

CurlTransport::CurlTransport(CurlTransportOptions options)
    : options_(std::move(options)), pool_(std::make_unique<Pool>(options_.requests_at_once_max)) {}
CurlTransport::~CurlTransport() = default;

Result<HttpResponse> CurlTransport::send(HttpRequest const& request, Duration timeout) {
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(timeout.ms);
    auto const url = TRY(parse_url(request.target, "target"));
    if (!is_token(request.method)) return fail(invalid("method", "expected an HTTP method like GET or POST"));
    auto const headers = TRY(make_headers(request));
    auto handle = pool_->take(deadline);
    if (!handle)
        return fail(unavailable("connect_failed", "all connections were busy for as long as this request could wait"));

    auto const left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    Exchange exchange{.bytes_left = options_.response_bytes_max, .may_resend = may_resend(request)};
    char error_text[CURL_ERROR_SIZE] = "";
    auto* const curl = handle.get();
    configure(curl, options_, std::chrono::milliseconds(std::max<std::int64_t>(left, 1)));
    set(curl, CURLOPT_URL, request.target.c_str());
    set(curl, CURLOPT_HTTPHEADER, headers.get());
    set(curl, CURLOPT_ERRORBUFFER, error_text);
    write_to(curl, exchange);
    set_method(curl, request);

    CURLcode const code = curl_easy_perform(curl);
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    pool_->give_back(std::move(handle));
    if (code != CURLE_OK) return fail(error_of(code, exchange, error_text, url.host));
    exchange.response.status = static_cast<int>(status);
    return std::move(exchange.response);
}

}  // namespace billhook::net
