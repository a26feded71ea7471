#include "topoforge/password_input.hpp"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace topoforge {
namespace {

/// Does not show what is typed while it lives.
class HiddenInput {
 public:
  HiddenInput() {
    if (tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0;
  }
  ~HiddenInput() {
    if (changed_) tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  HiddenInput(const HiddenInput&) = delete;
  HiddenInput& operator=(const HiddenInput&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

}  // namespace

Result<std::string> read_password() {
  const bool terminal = isatty(STDIN_FILENO) == 1;
  if (terminal) std::fputs("Password: ", stderr);
  std::string password;
  {
    const HiddenInput hidden;
    std::getline(std::cin, password);
  }
  if (terminal) std::fputs("\n", stderr);
  if (!password.empty()) return password;
  return fail(ErrorCode::invalid_argument, "no password: wanted a line on standard input");
}

}  // namespace topoforge
