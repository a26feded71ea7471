#include "topoforge/text_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <fmt/format.h>

#include "topoforge/codec/text/quote.hpp"

namespace topoforge {

Result<std::string> read_text_file(const std::string& path, std::size_t max_bytes) {
  const auto cannot_read = [&] {
    return fail(ErrorCode::io, fmt::format("cannot read {}: {}", quote_text(path), std::strerror(errno)));
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) return cannot_read();
  // One byte more than allowed tells a file that is too long; a device without an end stops here too.
  std::string text(max_bytes + 1, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (std::ferror(file.get()) != 0) return cannot_read();
  if (text.size() > max_bytes) {
    return fail(ErrorCode::limit_exceeded,
                fmt::format("{} is longer than the {} bytes that are allowed", quote_text(path), max_bytes));
  }
  return text;
}

}  // namespace topoforge
