#include "sandbox/sandbox.h"

#include "base/check.h"
#include "sandbox/data/data_file.h"
#include "sandbox/machine/machine.h"
#include "sandbox/witness.h"

namespace billhook::sandbox {

Result<std::unique_ptr<Sandbox>> Sandbox::open(SandboxOptions options) {
    std::unique_ptr<DataFile> file;
    if (!options.data_file.empty()) file = TRY(DataFile::open(options.data_file));
    auto machine = std::make_unique<Machine>(std::move(options), std::move(file));
    TRY_VOID(machine->load());
    return std::unique_ptr<Sandbox>(new Sandbox(std::move(machine)));
}

Sandbox::Sandbox(SandboxOptions options) : machine_(std::make_unique<Machine>(std::move(options), nullptr)) {}
Sandbox::Sandbox(std::unique_ptr<Machine> machine) : machine_(std::move(machine)) {}
Sandbox::~Sandbox() {
    stop();
}

net::HttpResponse Sandbox::handle(net::HttpRequest const& request) {
    auto response = machine_->handle(request);
    witness(request, response);
    return response;
}
void Sandbox::run_due() {
    machine_->run_due();
}
int Sandbox::deliver_due() {
    return machine_->deliver_due();
}
std::optional<Timestamp> Sandbox::next_delivery() const {
    return machine_->next_delivery();
}
void Sandbox::start() {
    machine_->start();
}
void Sandbox::stop() {
    machine_->stop();
}
void Sandbox::set_public_url(std::string url) {
    machine_->set_public_url(std::move(url));
}
World& Sandbox::world() {
    return machine_->world();
}

}  // namespace billhook::sandbox
