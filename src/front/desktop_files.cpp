#include "front/desktop_files.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace fs = std::filesystem;
namespace json = boost::json;

namespace cord::front {
namespace {

constexpr std::size_t files_most = 200;
constexpr std::uintmax_t bytes_most = std::uintmax_t{16} * 1024 * 1024;
constexpr std::string_view where = "front.desktop";
/// What is in here has its content's hash in its name.
constexpr std::string_view hashed_folder = "/assets/";

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> content_types{
    {{".html", "text/html; charset=utf-8"},
     {".js", "text/javascript; charset=utf-8"},
     {".css", "text/css; charset=utf-8"},
     {".svg", "image/svg+xml"},
     {".json", "application/json"},
     {".woff2", "font/woff2"},
     {".png", "image/png"}}};

std::string_view content_type_of(const fs::path& file) {
  const std::string extension = file.extension().string();
  const auto found = std::find_if(content_types.begin(), content_types.end(),
                                  [&](const auto& it) { return it.first == extension; });
  return found == content_types.end() ? "application/octet-stream" : found->second;
}

/// Everything comes from here, nothing is written into the page as text, and only pages of the
/// operator's choice have it in a frame.
std::string policy(const std::vector<std::string>& embed_origins) {
  return fmt::format(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
      "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'{}{}; "
      "require-trusted-types-for 'script'; trusted-types 'none'",
      embed_origins.empty() ? "" : " ", fmt::join(embed_origins, " "));
}

net::HttpResponse page(std::string_view path, std::string_view type, std::string body,
                       const std::string& policy) {
  const bool is_hashed = path.starts_with(hashed_folder);
  return {
      .status = 200,
      .content_type = std::string(type),
      .body = std::move(body),
      .headers = {{"Cache-Control", is_hashed ? "public, max-age=31536000, immutable" : "no-cache"},
                  {"Content-Security-Policy", policy},
                  {"X-Content-Type-Options", "nosniff"},
                  {"Referrer-Policy", "no-referrer"},
                  {"Permissions-Policy", "microphone=(self), camera=(), geolocation=()"},
                  {"Cross-Origin-Opener-Policy", "same-origin"}}};
}

std::string describe(const DesktopConfig& config) {
  json::object site{{"embedOrigins", json::array(config.embed_origins.begin(),  //
                                                 config.embed_origins.end())}};
  if (!config.screen_pop.empty()) site.emplace("screenPop", config.screen_pop);
  json::array demo;
  for (const DemoLogIn& it : config.demo) {
    demo.push_back({{"agent", it.agent}, {"password", it.password}, {"name", it.name}});
  }
  if (!demo.empty()) site.emplace("demo", std::move(demo));
  return json::serialize(site) + "\n";
}

Result<std::string> content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string content{std::istreambuf_iterator<char>(in), {}};
  if (!in.good() && !in.eof()) {
    return refuse(Errc::io_failed, where, fmt::format("{} cannot be read", file.string()));
  }
  return content;
}

/// The files below the folder, in no order. Links are not followed.
Result<std::vector<fs::path>> list(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  std::uintmax_t bytes = 0;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (!fs::is_regular_file(it->symlink_status(error))) continue;
    bytes += it->file_size(error);
    files.push_back(it->path());
    if (files.size() > files_most || bytes > bytes_most) {
      return refuse(Errc::malformed, where,
                    fmt::format("{} is no desktop: it has more than {} files or {} bytes",
                                folder.string(), files_most, bytes_most));
    }
  }
  if (error) {
    return refuse(Errc::io_failed, where,
                  fmt::format("{} cannot be read: {}", folder.string(), error.message()));
  }
  return files;
}

/// Behind the scheme; nothing if that is neither http nor https.
std::optional<std::string_view> after_scheme(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (text.starts_with(scheme)) return text.substr(scheme.size());
  }
  return std::nullopt;
}

bool is_host_and_port(std::string_view text) {
  const auto is_one = [](unsigned char c) {
    return std::isalnum(c) != 0 || std::string_view(".-:[]").find(char(c)) != std::string::npos;
  };
  return !text.empty() && std::all_of(text.begin(), text.end(), is_one);
}

}  // namespace

bool is_web_origin(std::string_view text) {
  const auto rest = after_scheme(text);
  return rest && is_host_and_port(*rest);
}

bool is_screen_pop(std::string_view text) {
  const auto rest = after_scheme(text);
  return rest && is_host_and_port(rest->substr(0, rest->find_first_of("/?#")));
}

Result<DesktopFiles> DesktopFiles::read(const DesktopConfig& config) {
  DesktopFiles desktop;
  if (config.files.empty()) return desktop;
  const auto files = list(config.files);
  if (!files) return tl::make_unexpected(files.error());
  const std::string rules = policy(config.embed_origins);
  for (const fs::path& file : *files) {
    auto content = content_of(file);
    if (!content) return tl::make_unexpected(content.error());
    const std::string path = "/" + file.lexically_relative(config.files).generic_string();
    desktop.files_.emplace(path, page(path, content_type_of(file), std::move(*content), rules));
  }
  auto index = desktop.files_.extract("/index.html");
  if (index.empty()) {
    return refuse(Errc::io_failed, where,
                  fmt::format("{} has no index.html", config.files.string()));
  }
  desktop.files_.emplace("/", std::move(index.mapped()));
  desktop.files_.insert_or_assign(
      "/desktop.json", page("/desktop.json", "application/json", describe(config), rules));
  return desktop;
}

std::optional<net::HttpResponse> DesktopFiles::answer(const net::HttpRequest& request) const {
  if (files_.empty()) {
    if (request.path != "/") return std::nullopt;
    return net::HttpResponse{.status = 404,
                             .body =
                                 "This server shows no desktop: its configuration has no "
                                 "[desktop] with files, and none is installed beside it.\n"};
  }
  const auto found = files_.find(request.path);
  if (found == files_.end()) return std::nullopt;
  if (request.method == "GET" || request.method == "HEAD") return found->second;
  return net::HttpResponse{
      .status = 405, .body = "only GET, HEAD\n", .headers = {{"Allow", "GET, HEAD"}}};
}

}  // namespace cord::front
