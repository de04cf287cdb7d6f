#pragma once
// Connection: one client. Reads requests, hands one at a time to the handler, writes the answers in order, keeps the
// deadlines. The derived classes move the bytes, with and without TLS. Runs on its loop; only respond() may be called
// from elsewhere.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "net/event_loop.h"
#include "net/http_request_reader.h"

namespace billhook::net {

class Connection : public ResponseSink, public std::enable_shared_from_this<Connection> {
  public:
    using Place = std::unique_ptr<ConnectionCensus::Place>;

    Connection(std::shared_ptr<EventLoop> loop, Place place, std::string remote_address);

    void start();
    void respond(std::uint64_t request, HttpResponse&& response) override;  // from any thread
    void respond_json(std::uint64_t request, std::string_view body) override;
    void answer(std::uint64_t request, HttpResponse&& response);
    /// Of the socket, as epoll names the changes; 0 where nothing has changed but it asked to be called again.
    virtual void on_ready(std::uint32_t changes) = 0;
    void tick(SteadyTime now);
    /// Closes at once where nobody has asked for anything. Otherwise the next answer will be the last.
    void drain();
    void close();
    /// At the end of a turn in which something was answered.
    void flush_and_settle();

    std::size_t index_in_loop = 0;  // for the loop

  protected:
    // A begun operation ends in the on_… call of its name, in a later on_ready().
    virtual void begin_handshake() = 0;
    virtual void begin_read(std::span<char> into) = 0;
    /// True: all is written already, and on_written() will not be called. The two parts are sent as one.
    virtual bool write(std::string_view head, std::string_view body) = 0;
    /// Has something come that was not yet read? Asks the kernel.
    virtual bool has_input() const = 0;
    /// Of our direction. From then on what is read means nothing and is thrown away.
    virtual void begin_shutdown() = 0;
    virtual void close_socket() = 0;

    void on_handshake(bool has_succeeded);
    void on_read(std::size_t bytes, bool has_failed);
    void on_written(bool has_failed);
    EventLoop& loop() { return *loop_; }

  private:
    enum class Phase { handshaking, idle, reading, handling, ending, lingering, closed };

    void run();
    bool take_requests();
    bool read_next();
    void enter_stage();
    void hand_over();
    bool is_owed(std::uint64_t request) const { return phase_ == Phase::handling && request == request_number_; }
    bool may_keep_alive() const { return request_keeps_alive_ && !loop_->is_draining(); }
    void append_answer(HttpResponse&& response, bool keep_alive);
    void end_request(bool keep_alive);
    void refuse(ServerProblem problem, std::string_view detail);
    bool has_unsent() const { return !output_.empty() || !output_body_.empty(); }
    void flush();
    void settle();
    void linger();
    void close_unless_asked();
    void want_input();
    void enter(Phase phase, Duration timeout);
    SteadyTime after(Duration duration) const;
    std::span<char> room_for_input();
    std::string_view unread() const { return {input_.data() + input_begin_, input_end_ - input_begin_}; }

    std::shared_ptr<EventLoop> const loop_;
    Place place_;
    std::string const remote_address_;
    RequestReader reader_;
    RequestReader::Stage entered_stage_ = RequestReader::Stage::nothing;
    Phase phase_ = Phase::handshaking;
    SteadyTime deadline_{}, write_deadline_{};
    std::uint64_t request_number_ = 0;
    bool is_head_request_ = false, request_keeps_alive_ = true, is_http_1_0_ = false;
    bool is_running_ = false, is_reading_ = false, is_writing_ = false;
    bool is_flush_due_ = false;  // within this turn
    std::vector<char> input_;
    std::size_t input_begin_ = 0, input_end_ = 0;
    std::string output_, writing_;            // heads, and bodies small enough to copy
    std::string output_body_, writing_body_;  // one large body, after them
};

/// TLS where `tls` is given.
std::shared_ptr<Connection> make_connection(std::shared_ptr<EventLoop> loop, Connection::Place place, Descriptor socket,
                                            std::string remote_address, std::shared_ptr<TlsContext> tls);

}  // namespace billhook::net
