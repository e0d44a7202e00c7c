// `cordboard check-config`: what it takes, and where it points when it takes it not.
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "scenario/cli/program.hpp"

namespace cord::scenario {
namespace {

/// A file that is fine, in 24 lines. A test changes one of them.
const std::vector<std::string> good_lines{
    /*  1 */ "[server]",
    /*  2 */ "listen = \"127.0.0.1:0\"",
    /*  3 */ "[sip]",
    /*  4 */ "listen = [\"udp:127.0.0.1:0\"]",
    /*  5 */ "[media]",
    /*  6 */ "ports = \"20000-29999\"",
    /*  7 */ "[recording]",
    /*  8 */ "directory = \"/tmp/cordboard-recordings\"",
    /*  9 */ "[journal]",
    /* 10 */ "path = \"/tmp/cordboard.db\"",
    /* 11 */ "[[queue]]",
    /* 12 */ "name = \"support\"",
    /* 13 */ "numbers = [\"18005550100\"]",
    /* 14 */ "ring-timeout = \"20s\"",
    /* 15 */ "[[agent]]",
    /* 16 */ "id = \"alice\"",
    /* 17 */ "password = \"hunter2\"",
    /* 18 */ "extension = \"1001\"",
    /* 19 */ "phone = \"sip:1001@127.0.0.1:5071\"",
    /* 20 */ "queues = [\"support\"]",
    /* 21 */ "[[trunk]]",
    /* 22 */ "name = \"carrier\"",
    /* 23 */ "peers = [\"127.0.0.1:5080\"]",
    /* 24 */ "[log]",
};

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

struct Bad {
  std::string what;
  std::size_t line;  ///< that is replaced, from 1
  std::string by;
  std::size_t told_line;  ///< where the program must point
  std::string told_key;
  std::string told_words;  ///< what it must say, at least
};

class BadConfig : public testing::TestWithParam<Bad> {};

TEST_P(BadConfig, ExitsWithTwoAndPointsAtTheLineAndTheKey) {
  const auto& it = GetParam();
  auto lines = good_lines;
  lines[it.line - 1] = it.by;
  const ConfigDirectory directory;
  const auto file = directory.write("bad.toml", joined(lines));
  Program program({"check-config", file});
  EXPECT_EQ(program.wait(), 2);
  const auto start = file + ":" + std::to_string(it.told_line) + ": key `" + it.told_key + "`: ";
  const auto at = program.err().find(start);
  ASSERT_NE(at, std::string::npos) << "expected " << start << "\nbut it says\n" << program.err();
  const auto line = program.err().substr(at, program.err().find('\n', at) - at);
  EXPECT_NE(line.find(it.told_words), std::string::npos) << line;
  EXPECT_EQ(program.err().find("hunter"), std::string::npos) << "a secret is told";
  EXPECT_EQ(program.out(), "");
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadConfig,
    testing::Values(
        Bad{"UnknownKey", 2, "lisen = \"127.0.0.1:0\"", 2, "server.lisen", "allowed here: listen"},
        Bad{"UnknownTable", 24, "[logs]", 24, "logs", "allowed here: server, sip"},
        Bad{"AddressWithoutPort", 2, "listen = \"127.0.0.1\"", 2, "server.listen", "port"},
        Bad{"AddressIsAName", 2, "listen = \"localhost:1\"", 2, "server.listen", "IPv4"},
        Bad{"BeyondLoopback", 2, "listen = \"0.0.0.0:0\"", 2, "server.listen", "insecure = true"},
        Bad{"WrongType", 2, "listen = 8080", 2, "server.listen", "is a number; allowed: a text"},
        Bad{"KeyWithoutCertificate", 2, "tls-key = \"/dev/null\"", 2, "server.tls-key",
            "tls-certificate"},
        Bad{"NoSuchCertificate", 2, "tls-certificate = \"/nope.pem\"", 2, "server.tls-certificate",
            "cannot be read"},
        Bad{"TooManyThreads", 2, "threads = 65", 2, "server.threads", "from 1 to 64"},
        Bad{"DrainWithoutUnit", 2, "drain = \"30\"", 2, "server.drain", "\"20s\""},
        Bad{"SipTransport", 4, "listen = [\"sctp:127.0.0.1:0\"]", 4, "sip.listen",
            "neither udp: nor tcp: nor tls:"},
        Bad{"SipTlsWithoutFiles", 4, "listen = [\"tls:127.0.0.1:0\"]", 4, "sip.listen",
            "needs tls-certificate and tls-key"},
        Bad{"SipTlsFilesOfNoUse", 4, "tls-ca = \"/dev/null\"", 4, "sip.tls-ca",
            "needs a \"tls:ADDRESS:PORT\" in listen"},
        Bad{"SipTlsNoSuchFile", 4,
            "listen = [\"tls:127.0.0.1:0\"]\ntls-certificate = \"/nope.pem\"", 5,
            "sip.tls-certificate", "cannot be read"},
        Bad{"NameServer", 4, "name-servers = [\"dns.example:53\"]", 4, "sip.name-servers",
            "allowed: e.g. \"127.0.0.1:53\""},
        Bad{"SipAnyAddress", 4, "listen = [\"udp:0.0.0.0:0\"]", 4, "sip.listen",
            "others can reach"},
        Bad{"SipNoListener", 4, "listen = []", 4, "sip.listen", "udp:ADDRESS:PORT"},
        Bad{"OddFirstPort", 6, "ports = \"20001-29999\"", 6, "media.ports", "even"},
        Bad{"PortsTooHigh", 6, "ports = \"20000-40000\"", 6, "media.ports", "32767"},
        Bad{"PortsReversed", 6, "ports = \"29998-20000\"", 6, "media.ports", "FIRST-LAST"},
        Bad{"PortsNoRange", 6, "ports = \"20000\"", 6, "media.ports", "FIRST-LAST"},
        Bad{"MusicIsNotThere", 6, "music = \"/nope.wav\"", 6, "media.music", "No such file"},
        Bad{"MusicIsNoSound", 6, "music = \"/etc/passwd\"", 6, "media.music", "/etc/passwd"},
        Bad{"RecordingBelowAFile", 8, "directory = \"/dev/null/recordings\"", 8,
            "recording.directory", "cannot be written"},
        Bad{"SyncWithWhat", 10, "sync = \"always\"", 10, "journal.sync", "\"process\", \"power\""},
        Bad{"FlightNowhere", 2, "flight-recorder = \"/dev/null/f.bin\"", 2,
            "server.flight-recorder", "a directory that this user may write"},
        Bad{"SnapshotTooOften", 10, "snapshot-records = 5", 10, "journal.snapshot-records", "1000"},
        Bad{"JournalIsADirectory", 10, "path = \"/tmp\"", 10, "journal.path", "cannot be written"},
        Bad{"TaskTokenTooShort", 24, "[interactions]\ntoken = \"hunter2\"", 25,
            "interactions.token", "at least 16 characters"},
        Bad{"TaskRate", 24, "[interactions]\nrate = 0", 25, "interactions.rate", "from 1 to 10000"},
        Bad{"HistoryIsTheJournal", 24, "[history]\nfile = \"/tmp/cordboard.db\"", 25,
            "history.file", "another one"},
        Bad{"HistoryTokenTooShort", 24, "[history]\ntoken = \"hunter2\"", 25, "history.token",
            "at least 16 characters"},
        Bad{"HistoryDays", 24, "[history]\ndays = -1", 25, "history.days", "from 0 to 36500"},
        Bad{"QueueNameMissing", 12, "", 11, "queue.name", "missing"},
        Bad{"QueueNameWithSpaces", 12, "name = \"a b\"", 12, "queue.name", "letters, digits"},
        Bad{"NumberTwice", 13, "numbers = [\"1\",\n  \"1\"]", 14, "queue.numbers", "twice"},
        Bad{"RingTimeoutTooLong", 14, "ring-timeout = \"11m\"", 14, "queue.ring-timeout",
            "from 1s to 10m"},
        Bad{"RingTimeoutIsNumber", 14, "ring-timeout = 20", 14, "queue.ring-timeout", "a duration"},
        Bad{"Strategy", 14, "strategy = \"random\"", 14, "queue.strategy",
            "\"longest-idle\", \"round-robin\", \"fewest-calls\", \"ring-all\""},
        Bad{"ServiceLevelTooLong", 14, "service-level = \"2h\"", 14, "queue.service-level",
            "from 1s to 1h"},
        Bad{"Priority", 14, "priority = 101", 14, "queue.priority", "from 0 to 100"},
        Bad{"SkillLevel", 14, "skills = { german = 0 }", 14, "queue.skills.german",
            "from 1 to 100"},
        Bad{"SkillIsText", 14, "skills = { german = \"good\" }", 14, "queue.skills.german",
            "a number from 1 to 100"},
        Bad{"SkillsAreNoTable", 14, "skills = [\"german\"]", 14, "queue.skills", "a table"},
        Bad{"AgentsSkill", 20, "skills = { german = 1000 }", 20, "agent.skills.german",
            "from 1 to 100"},
        Bad{"OverflowToNoQueue", 14, "overflow-queue = \"sales\"", 14, "queue.overflow-queue",
            "allowed: \"support\""},
        Bad{"OverflowToItself", 14, "overflow-queue = \"support\"", 14, "queue.overflow-queue",
            "does not lead back"},
        Bad{"OverflowToNoTrunk", 14, "overflow-number = \"1001\"", 14, "queue.overflow-number",
            "a number that a [[route]] has"},
        Bad{"AnnouncementToWhoIsNotAnswered", 14, "greeting = \"/nonexistent.wav\"", 14,
            "queue.greeting", "waiting = \"music\""},
        Bad{"AnnouncementThatIsNotThere", 14,
            "waiting = \"music\"\nfarewell = \"/nonexistent.wav\"", 15, "queue.farewell",
            "/nonexistent.wav"},
        Bad{"PauseWithoutAnAnnouncement", 14, "waiting = \"music\"\nannouncement-every = \"30s\"",
            15, "queue.announcement-every", "no announcement"},
        Bad{"OverflowTwice", 14, "overflow-queue = \"support\"\noverflow-number = \"9\"", 15,
            "queue.overflow-number", "one of them"},
        Bad{"WallboardTokenTooShort", 24, "[wallboard]\ntoken = \"hunter2\"", 25, "wallboard.token",
            "at least 16 characters"},
        Bad{"Waiting", 14, "waiting = \"jazz\"", 14, "queue.waiting",
            "\"ringing\", \"tone\", \"music\""},
        Bad{"AgentIdMissing", 16, "", 15, "agent.id", "missing"},
        Bad{"NoPassword", 17, "", 15, "agent.password", "exactly one of"},
        Bad{"TwoPasswords", 17, "password = \"hunter2\"\npassword-hash = \"hunter3\"", 17,
            "agent.password", "exactly one of"},
        Bad{"NoHash", 17, "password-hash = \"hunter2\"", 17, "agent.password-hash",
            "cordboard passwd"},
        Bad{"PasswordIsNumber", 17, "password = 12", 17, "agent.password", "a text in quotes"},
        Bad{"PhoneRegistered", 19, "phone = \"registered\"", 19, "agent.phone",
            "a sip-password of at least 8"},
        Bad{"PhonePasswordTooShort", 19, "phone = \"registered\"\nsip-password = \"hunter2\"", 20,
            "agent.sip-password", "at least 8 characters"},
        Bad{"PhonePasswordOfNoUse", 19,
            "phone = \"sip:1@127.0.0.1\"\nsip-password = \"hunter2hunter2\"", 20,
            "agent.sip-password", "needs phone = \"registered\""},
        Bad{"PhonePasswordsDiffer", 20,
            "[[agent]]\nid = \"bob\"\npassword = \"x\"\nextension = \"3\"\nphone = "
            "\"registered\"\nsip-password = \"hunter2hunter2\"\n"
            "[[agent]]\nid = \"eve\"\npassword = \"x\"\nextension = \"3\"\nphone = "
            "\"registered\"\nsip-password = \"hunter3hunter3\"",
            31, "agent.sip-password", "the phone they share"},
        Bad{"RegistrarDigest", 24, "[registrar]\ndigest = [\"sha-1\"]", 25, "registrar.digest",
            "\"sha-256\", \"md5\""},
        Bad{"RegistrarRealm", 24, "[registrar]\nrealm = 'a\"b'", 25, "registrar.realm",
            "quotation mark"},
        Bad{"RegistrarExpires", 24, "[registrar]\nexpires-min = \"5m\"\nexpires-max = \"4m\"", 26,
            "registrar.expires-max", "less than expires-min"},
        Bad{"PhoneIsAName", 19, "phone = \"sip:1001@phone.example\"", 19, "agent.phone",
            "IPv4 address"},
        Bad{"PhoneWithPassword", 19, "phone = \"sip:1001:hunter2@127.0.0.1\"", 19, "agent.phone",
            "no password"},
        Bad{"PhoneMode", 19, "phone = \"sip:1@127.0.0.1\"\nphone-mode = \"never\"", 20,
            "agent.phone-mode", "\"on-answer\", \"persistent\", \"ring\""},
        Bad{"NoSuchQueue", 20, "queues = [\"support\",\n  \"sales\"]", 21, "agent.queues",
            "allowed: \"support\""},
        Bad{"Permission", 20, "permissions = [\"fly\"]", 20, "agent.permissions", "supervise"},
        Bad{"AgentTwice", 20,
            "[[agent]]\nid = \"alice\"\npassword = \"x\"\nextension = \"2\"\nphone = "
            "\"sip:2@127.0.0.1\"",
            21, "agent.id", "first in line 16"},
        Bad{"Peer", 23, "peers = [\"carrier example\"]", 23, "trunk.peers", "carrier example"},
        Bad{"PeerOverTlsWithoutAListener", 23, "peers = [\"127.0.0.1;transport=tls\"]", 23,
            "trunk.peers", "needs a \"tls:\" listener"},
        Bad{"TrunkUserAlone", 23, "peers = [\"127.0.0.1\"]\nuser = \"u\"", 24, "trunk.user",
            "needs password"},
        Bad{"TrunkRegistersAsNobody", 23, "peers = [\"127.0.0.1\"]\nregister = true", 24,
            "trunk.register", "needs user and password"},
        Bad{"TrunkRegistrarIsNone", 23,
            "peers = [\"127.0.0.1\"]\nuser = \"u\"\npassword = \"hunter2\"\nregister = true\n"
            "registrar = \"10.1\"",
            27, "trunk.registrar", "10.1"},
        Bad{"TrunkExpiresOfNoUse", 23, "peers = [\"127.0.0.1\"]\nexpires = \"5m\"", 24,
            "trunk.expires", "needs register = true"},
        Bad{"TrunkCalls", 23, "peers = [\"127.0.0.1\"]\ncalls-max = 0", 24, "trunk.calls-max",
            "from 1 to 100000"},
        Bad{"TrunkCodec", 23, "peers = [\"127.0.0.1\"]\ncodecs = [\"g729\"]", 24, "trunk.codecs",
            "allowed: \"pcmu\", \"pcma\", \"g722\", \"opus\""},
        Bad{"TrunkCodecTwice", 23, "peers = [\"127.0.0.1\"]\ncodecs = [\"opus\", \"opus\"]", 24,
            "trunk.codecs", "twice"},
        Bad{"TrunkRuleNeverReached", 23,
            "peers = [\"127.0.0.1\"]\nrewrite-dialled = [{ prefix = \"9\", becomes = \"\" },\n"
            "  { prefix = \"90\", becomes = \"+\" }]",
            25, "trunk.rewrite-dialled.prefix", "the longer prefix first"},
        Bad{"TrunkRuleWithoutPrefix", 23,
            "peers = [\"127.0.0.1\"]\nrewrite-called = [{ becomes = \"+\" }]", 24,
            "trunk.rewrite-called.prefix", "is missing"},
        Bad{"TrunkRuleIsNoNumber", 23,
            "peers = [\"127.0.0.1\"]\nrewrite-called = [{ prefix = \"\", becomes = \"a b\" }]", 24,
            "trunk.rewrite-called.becomes", "no part of a number"},
        Bad{"PeersMissing", 23, "", 21, "trunk.peers", "missing"},
        Bad{"RouteTrunk", 24, "[[route]]\nnumbers = [\"9*\"]\ntrunk = \"nobody\"", 26,
            "route.trunk", "allowed: \"carrier\""},
        Bad{"RouteStar", 24, "[[route]]\nnumbers = [\"9*9\"]\ntrunk = \"carrier\"", 25,
            "route.numbers", "last character"},
        Bad{"LogLevel", 24, "[log]\nlevel = \"loud\"", 25, "log.level",
            "\"debug\", \"info\", \"warn\", \"error\""},
        Bad{"PlatformDriver", 24, "[platform]\ndriver = \"pbx\"", 25, "platform.driver",
            "allowed: \"sip\", \"sim\""},
        Bad{"SimulatedCallsOverSip", 24, "[platform]\ncalls-per-minute = 6", 25,
            "platform.calls-per-minute", "needs driver = \"sim\""},
        Bad{"TalkReversed", 24,
            "[platform]\ndriver = \"sim\"\ntalk-min = \"9s\"\ntalk-max = \"8s\"", 27,
            "platform.talk-max", "less than talk-min"},
        Bad{"SimulatedAgentsWithoutPassword", 24, "[platform]\ndriver = \"sim\"\nagents = 3", 26,
            "platform.agents", "agent-password"},
        Bad{"NameOfASimulatedAgent", 16,
            "id = \"sim-1\"\n[platform]\ndriver = \"sim\"\nagents = 3\nagent-password = "
            "\"hunter2\"\n"
            "[[agent]]\nid = \"sim-2\"",
            22, "agent.id", "a simulated agent"},
        Bad{"ReasonTwice", 24, "[[reason]]\nid = \"a\"\n[[reason]]\nid = \"a\"", 27, "reason.id",
            "first in line 25"},
        Bad{"TokenWithoutKeys", 24, "[token]\nissuer = \"i\"\naudience = \"a\"", 24,
            "token.jwks-file", "one of secret-file, key-file and jwks-file"},
        Bad{"TokenWithoutIssuer", 24, "[token]\naudience = \"a\"\nleeway = \"1s\"", 24,
            "token.issuer", "must be what tokens say as iss"},
        Bad{"TokenWithoutAudience", 24, "[token]\nissuer = \"i\"\nleeway = \"1s\"", 24,
            "token.audience", "must be what tokens say as aud"},
        Bad{"TokenKeysTwice", 24, "[token]\njwks-file = \"/nope\"\nkey-file = \"/nope\"", 25,
            "token.jwks-file", "there is a key-file too"},
        Bad{"TokenKeysUnreadable", 24, "[token]\nkey-file = \"/nope\"", 25, "token.key-file",
            "\"/nope\": cannot be read"},
        Bad{"TokenKeysNoKeys", 24, "[token]\nkey-file = \"/etc/passwd\"", 25, "token.key-file",
            "holds no public key; allowed: PEM"},
        Bad{"TokenLeeway", 24, "[token]\nleeway = \"6m\"", 25, "token.leeway", "from 0s to 5m"},
        Bad{"TokenUnknownKey", 24, "[token]\nsecret = \"hunter2\"", 25, "token.secret",
            "is unknown; allowed here: secret-file"},
        Bad{"AdminWithoutAddress", 24, "[admin]", 24, "admin.listen", "is missing"},
        Bad{"AdminPlainTextBeyondLoopback", 24,
            "[admin]\nlisten = \"0.0.0.0:0\"\ntoken = \"hunter-hunter-hunter\"", 25, "admin.listen",
            "would be plain text"},
        Bad{"AdminWithoutTokenBeyondLoopback", 24,
            "[admin]\nlisten = \"0.0.0.0:0\"\ninsecure = true", 25, "admin.listen",
            "allowed: with a token"},
        Bad{"AdminTokenTooShort", 24, "[admin]\nlisten = \"127.0.0.1:0\"\ntoken = \"hunter\"", 26,
            "admin.token", "at least 16 characters"},
        Bad{"ConnectionsMax", 2, "connections-max = 0", 2, "server.connections-max",
            "from 1 to 100000"},
        Bad{"WrapupLimit", 24, "[wrapup]\nlimit = \"0s\"", 25, "wrapup.limit", "from 1s"}),
    [](const auto& it) { return it.param.what; });

TEST(CheckConfig, TakesTheGoodFileAndWarnsOfPlainPasswords) {
  const ConfigDirectory directory;
  const auto file = directory.write("good.toml", joined(good_lines));
  Program program({"check-config", file});
  EXPECT_EQ(program.wait(), 0) << program.err();
  EXPECT_NE(program.err().find(file + ":17: key `agent.password`: is kept in plain text"),
            std::string::npos)
      << program.err();
  EXPECT_EQ(program.err().find("hunter2"), std::string::npos);
}

TEST(CheckConfig, TakesPhonesThatRegisterAndTrunksWithAnAccount) {
  auto lines = good_lines;
  lines[18] = "phone = \"registered\"\nsip-password = \"hunter2hunter2\"";
  lines[22] =
      "peers = [\"127.0.0.1:5080\", \"127.0.0.1:5081\"]\nuser = \"u\"\npassword = \"hunter2\"\n"
      "realm = \"r\"\nregister = true\nregistrar = \"127.0.0.1\"\ndomain = \"carrier.example\"\n"
      "expires = \"5m\"\ncodecs = [\"opus\", \"pcma\"]\ncalls-max = 30\ncalls-per-second = 5\n"
      "rewrite-called = [{ prefix = \"0\", becomes = \"+49\" }]\n"
      "rewrite-dialled = [{ prefix = \"900\", becomes = \"+\" }, { prefix = \"9\", becomes = \"\" "
      "}]\n[registrar]\nrealm = \"desk\"\nexpires-min = \"30s\"\nexpires-max = \"10m\"\ncheck = "
      "\"0s\"\ndigest = [\"md5\"]";
  const ConfigDirectory directory;
  Program program({"check-config", directory.write("good.toml", joined(lines))});
  EXPECT_EQ(program.wait(), 0) << program.err();
}

TEST(CheckConfig, TakesTheExample) {
  Program program({"check-config", CORD_TEST_SOURCE "/../examples/cordboard.toml"});
  EXPECT_EQ(program.wait(), 0) << program.err();
}

TEST(CheckConfig, TakesWhatPasswdPrints) {
  Program passwd({"passwd"}, "hunter2\n");
  ASSERT_EQ(passwd.wait(), 0);
  auto lines = good_lines;
  lines[16] = "password-hash = \"" + passwd.out().substr(0, passwd.out().find('\n')) + "\"";
  const ConfigDirectory directory;
  Program program({"check-config", directory.write("good.toml", joined(lines))});
  EXPECT_EQ(program.wait(), 0) << program.err();
  EXPECT_EQ(program.err(), "");
}

TEST(CheckConfig, TellsAllThatIsWrongInTheOrderOfLines) {
  auto lines = good_lines;
  lines[1] = "threads = 0";
  lines[5] = "ports = \"1-2\"";
  lines[18] = "phone = \"nowhere\"";
  const ConfigDirectory directory;
  Program program({"check-config", directory.write("bad.toml", joined(lines))});
  EXPECT_EQ(program.wait(), 2);
  const auto first = program.err().find(":2: key `server.threads`");
  const auto second = program.err().find(":6: key `media.ports`");
  const auto third = program.err().find(":19: key `agent.phone`");
  EXPECT_LT(first, second) << program.err();
  EXPECT_LT(second, third) << program.err();
  EXPECT_NE(third, std::string::npos) << program.err();
}

TEST(CheckConfig, SaysWhereAFileIsNoToml) {
  auto lines = good_lines;
  lines[16] = "password = hunter2";
  const ConfigDirectory directory;
  const auto file = directory.write("bad.toml", joined(lines));
  Program program({"check-config", file});
  EXPECT_EQ(program.wait(), 2);
  EXPECT_NE(program.err().find(file + ":17: not TOML: "), std::string::npos) << program.err();
  EXPECT_EQ(program.err().find("hunter2"), std::string::npos) << program.err();
}

TEST(CheckConfig, RefusesADirectory) {
  const ConfigDirectory directory;
  Program program({"check-config", directory.path("")});
  EXPECT_EQ(program.wait(), 2);
  EXPECT_NE(program.err().find("cannot be read"), std::string::npos) << program.err();
}

}  // namespace
}  // namespace cord::scenario
