#include "front/desktop_files.hpp"

#include <fstream>

#include "support/temporary_directory.hpp"
#include "unit/front/front_fixture.hpp"

namespace cord::front {
namespace {

class DesktopFilesTest : public FrontTest {
 protected:
  DesktopFilesTest() {
    write("index.html", "<!doctype html>");
    write("icon.svg", "<svg/>");
    write("assets/index-Ab3.js", "let a;");
  }

  void write(const std::string& name, const std::string& text) const {
    const auto file = folder / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }

  [[nodiscard]] DesktopFiles read(DesktopConfig settings = {}) const {
    settings.files = folder;
    auto files = DesktopFiles::read(settings);
    EXPECT_TRUE(files) << files.error().detail;
    return std::move(*files);
  }

  static std::string header(const net::HttpResponse& page, const std::string& name) {
    for (const auto& [key, value] : page.headers) {
      if (key == name) return value;
    }
    return {};
  }

  test::TemporaryDirectory root;
  std::filesystem::path folder = root / "desktop";
};

TEST_F(DesktopFilesTest, ServesEachFileUnderItsName) {
  const DesktopFiles files = read();
  const auto index = files.answer({"GET", "/", "", "", "", {}});
  ASSERT_TRUE(index);
  EXPECT_EQ(index->body, "<!doctype html>");
  EXPECT_EQ(index->content_type, "text/html; charset=utf-8");
  EXPECT_EQ(header(*index, "Cache-Control"), "no-cache");
  const auto script = files.answer({"HEAD", "/assets/index-Ab3.js", "", "", "", {}});
  ASSERT_TRUE(script);
  EXPECT_EQ(script->content_type, "text/javascript; charset=utf-8");
  EXPECT_EQ(header(*script, "Cache-Control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(files.answer({"GET", "/icon.svg", "", "", "", {}})->content_type, "image/svg+xml");
  EXPECT_EQ(files.answer({"POST", "/", "", "", "", {}})->status, 405u);
}

TEST_F(DesktopFilesTest, ServesNothingElse) {
  std::ofstream(root / "secret") << "x";
  std::filesystem::create_symlink(root / "secret", folder / "link");
  const DesktopFiles files = read();
  write("later.js", "let b;");
  for (const char* path :
       {"/../secret", "/assets/../../secret", "/%2e%2e/secret", "/link", "/later.js", "/assets",
        "/assets/", "//index.html", "/index.html", "", "secret", "/healthz"}) {
    EXPECT_FALSE(files.answer({"GET", path, "", "", "", {}})) << path;
  }
}

TEST_F(DesktopFilesTest, LetsNothingInFromElsewhere) {
  const DesktopFiles files = read({.embed_origins = {"https://crm.example"}});
  const auto index = files.answer({"GET", "/", "", "", "", {}});
  const std::string policy = header(*index, "Content-Security-Policy");
  EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'self';")) << policy;
  EXPECT_TRUE(has(policy, "frame-ancestors 'self' https://crm.example;")) << policy;
  EXPECT_FALSE(has(policy, "unsafe")) << policy;
  EXPECT_EQ(header(*index, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header(*index, "Referrer-Policy"), "no-referrer");
  EXPECT_TRUE(has(header(*index, "Permissions-Policy"), "microphone=(self)"));
  const auto alone = read().answer({"GET", "/", "", "", "", {}});
  EXPECT_TRUE(has(header(*alone, "Content-Security-Policy"), "frame-ancestors 'self';"));
}

TEST_F(DesktopFilesTest, TellsTheDesktopWhatIsConfigured) {
  const auto plain = read().answer({"GET", "/desktop.json", "", "", "", {}});
  EXPECT_EQ(plain->body, "{\"embedOrigins\":[]}\n");
  const auto both =
      read({.embed_origins = {"https://crm.example"}, .screen_pop = "https://crm.example/{ANI}"})
          .answer({"GET", "/desktop.json", "", "", "", {}});
  EXPECT_EQ(both->content_type, "application/json");
  EXPECT_EQ(both->body,
            "{\"embedOrigins\":[\"https://crm.example\"],"
            "\"screenPop\":\"https://crm.example/{ANI}\"}\n");
  const auto demo = read({.demo = {{"alice", "wonderland", "Alice"}}})
                        .answer({"GET", "/desktop.json", "", "", "", {}});
  EXPECT_EQ(demo->body,
            "{\"embedOrigins\":[],\"demo\":[{\"agent\":\"alice\","
            "\"password\":\"wonderland\",\"name\":\"Alice\"}]}\n");
}

TEST_F(DesktopFilesTest, SaysWhatIsWrongWithAFolder) {
  const auto problem = [](const std::filesystem::path& files) {
    const auto read = DesktopFiles::read({.files = files});
    return read ? std::string() : read.error().detail;
  };
  EXPECT_TRUE(has(problem(root / "nowhere"), "cannot be read")) << problem(root / "nowhere");
  std::filesystem::create_directories(root / "empty");
  EXPECT_TRUE(has(problem(root / "empty"), "no index.html"));
  for (int i = 0; i < 200; ++i) write("assets/" + std::to_string(i) + ".js", "");
  EXPECT_TRUE(has(problem(folder), "more than 200 files"));
}

TEST_F(DesktopFilesTest, IsThereOverHttpBesideWhatThereWas) {
  config.desktop.files = folder;
  start();
  const auto get = [&](std::string_view path) {
    return net::http_get(server->local(), path).value();
  };
  EXPECT_EQ(get("/").body, "<!doctype html>");
  EXPECT_EQ(get("/?embed=https://crm.example").body, "<!doctype html>");
  EXPECT_EQ(get("/assets/index-Ab3.js").body, "let a;");
  EXPECT_EQ(get("/assets/none.js").status, 404u);
  EXPECT_EQ(get("/healthz").status, 200u);
}

TEST_F(DesktopFilesTest, WithoutFilesTheFirstPageSaysWhatToDo) {
  start();
  const auto page = net::http_get(server->local(), "/").value();
  EXPECT_EQ(page.status, 404u);
  EXPECT_TRUE(has(page.body, "[desktop]")) << page.body;
}

TEST(WebOrigin, IsASchemeAndAHost) {
  for (const char* good : {"https://crm.example", "http://127.0.0.1:8000", "http://[::1]:80"}) {
    EXPECT_TRUE(is_web_origin(good)) << good;
  }
  for (const char* bad : {"", "*", "https://", "https://*", "https://*.crm.example", "crm.example",
                          "https://crm.example/", "https://a b", "https://a;script-src",
                          "javascript:alert(1)", "https://a'", "https://user@crm.example"}) {
    EXPECT_FALSE(is_web_origin(bad)) << bad;
  }
}

TEST(ScreenPop, HasItsHostInTheTemplate) {
  for (const char* good : {"https://crm.example/find?phone={ANI}", "http://crm:80?{ANI}"}) {
    EXPECT_TRUE(is_screen_pop(good)) << good;
  }
  for (const char* bad : {"", "{ANI}", "https://{ANI}/", "javascript:{ANI}", "//crm.example/{ANI}",
                          "https://user@crm.example/{ANI}"}) {
    EXPECT_FALSE(is_screen_pop(bad)) << bad;
  }
}

}  // namespace
}  // namespace cord::front
