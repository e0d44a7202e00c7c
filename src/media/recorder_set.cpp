#include "media/recorder_set.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "media/prefetch.hpp"

namespace cord::media {
namespace {

constexpr Duration hand_over_every = std::chrono::seconds(1);
constexpr std::int64_t frames_per_block_max = 16'000;

// Hand-overs happen on a grid of an eighth of a second: those of one point of it wake the writer
// once, and no point has the work of all.
Instant hand_over_due(Instant from, Duration after) {
  return std::chrono::floor<std::chrono::duration<std::int64_t, std::ratio<1, 8>>>(from + after);
}

// The first one comes after half a second to a second, by id: recordings that start together do
// not go to the disk together.
Duration first_hand_over(RecorderId id) {
  constexpr std::uint64_t half_us = 500'000;
  return Duration(static_cast<std::int64_t>(half_us + Prng(id.value).below(half_us)));
}

const char* name_of(ControlRecorder::Action action) {
  switch (action) {
    case ControlRecorder::Action::pause:
      return "pause";
    case ControlRecorder::Action::resume:
      return "resume";
    case ControlRecorder::Action::stop:
      return "stop";
  }
  return "";
}

}  // namespace

RecorderSet::RecorderSet(Config config, std::size_t streams_max, Surroundings surroundings)
    : config_(config),
      sink_(surroundings.sink),
      report_(std::move(surroundings.report)),
      is_bridged_(std::move(surroundings.is_bridged)),
      recorders_gauge_(surroundings.metrics.gauge(
          "cord_media_recorders", "Recordings that run or whose file is being completed")),
      recorders_used_(surroundings.metrics.bound("media.recorders_max", config.recorders_max)),
      actions_used_(surroundings.metrics.bound("media.actions_max", config.actions_max)),
      failures_(surroundings.metrics.counter(
          "cord_media_recorder_failures_total",
          "Recordings that could not be started, carried on or completed")),
      overflows_(surroundings.metrics.counter(
          "cord_media_recorder_overflow_packets_total",
          "Packets left out of a recording: more audio than there was time for")),
      taps_(streams_max) {}

void RecorderSet::count() {
  const auto all = static_cast<std::int64_t>(recorders_.size() + ending_.size());
  recorders_gauge_.set(all);
  recorders_used_.set(all);
}

void RecorderSet::start(const StartRecorder& order, Cast cast, Instant now) {
  const bool is_known = recorders_.contains(order.recorder) || ending_.contains(order.recorder);
  const bool is_full = recorders_.size() + ending_.size() >= config_.recorders_max;
  if (is_known || is_full) {
    failures_.add();
    report_(RecorderFailed{
        order.token, order.recorder,
        is_known ? "a recorder of this id exists"
                 : fmt::format("more than {} recorders (recorders_max)", config_.recorders_max)});
    return;
  }
  const bool submitted = sink_.submit(BeginRecording{order.token, order.recorder, order.base_name});
  CORD_ASSERT(submitted);
  auto recorder = std::make_unique<Recorder>(
      Recorder{.id = order.recorder,
               .sources = {},
               .timeline = RecorderTimeline(now),
               .story = {.facts = order.facts, .actions = {{"start", order.by, now}}},
               .due = hand_over_due(now, first_hand_over(order.recorder))});
  listen(*recorder, std::move(cast), now);
  timers_.start(recorder->due, order.recorder);
  recorders_.emplace(order.recorder, std::move(recorder));
  count();
}

void RecorderSet::move(RecorderId id, Cast cast, Instant now) {
  const auto it = recorders_.find(id);
  if (it == recorders_.end()) return;
  unlisten(*it->second);
  listen(*it->second, std::move(cast), now);
}

// Who stays keeps its voice, and with it its place on the time line.
void RecorderSet::listen(Recorder& recorder, Cast cast, Instant now) {
  if (cast.left.size() > RecordedAudio::voices_max) cast.left.resize(RecordedAudio::voices_max);
  std::vector<Source> before;
  std::swap(before, recorder.sources);
  std::vector<Source>& sources = recorder.sources;
  const auto find_voice = [](const std::vector<Source>& in, Voice voice) {
    return std::find_if(in.begin(), in.end(),
                        [&](const Source& it) { return it.voice.index() == voice.index(); });
  };
  const auto stays = [&](Slot slot, Side side) {
    return std::find_if(before.begin(), before.end(),
                        [&](const Source& it) { return it.slot == slot && it.voice.side == side; });
  };
  const auto add = [&](Slot slot, Voice voice, bool is_new) {
    if (is_new) recorder.timeline.expect_other(voice);
    sources.push_back({slot, voice});
  };
  if (cast.right) add(*cast.right, Side::right, stays(*cast.right, Side::right) == before.end());
  for (const Slot slot : cast.left) {
    const auto known = stays(slot, Side::left);
    if (known != before.end()) add(slot, known->voice, false);
  }
  for (const Slot slot : cast.left) {
    if (stays(slot, Side::left) != before.end()) continue;
    Voice voice = Side::left;
    while (find_voice(sources, voice) != sources.end()) ++voice.number;
    add(slot, voice, true);
  }
  recorder.timeline.expect(sources.size());
  for (const Source& it : sources) taps_[it.slot].push_back({&recorder, it.voice, false});
  note_members(recorder, cast.names, now);
  judge(recorder);
}

void RecorderSet::unlisten(const Recorder& recorder) {
  for (const Source& it : recorder.sources) {
    std::erase_if(taps_[it.slot], [&](const Tap& tap) { return tap.recorder == &recorder; });
  }
}

// Of two of one name, one is as good as the other.
void RecorderSet::note_members(Recorder& recorder, const std::vector<std::string>& names,
                               Instant now) const {
  std::vector<std::string> come = names;
  for (RecordedMember& it : recorder.story.members) {
    if (it.to) continue;
    const auto found = std::find(come.begin(), come.end(), it.name);
    if (found == come.end()) {
      it.to = now;
    } else {
      come.erase(found);
    }
  }
  for (std::string& name : come) {
    if (recorder.story.members.size() >= config_.actions_max) return;
    recorder.story.members.push_back({std::move(name), now});
  }
}

void RecorderSet::control(const ControlRecorder& order, Instant now) {
  using Action = ControlRecorder::Action;
  const auto it = recorders_.find(order.recorder);
  if (it == recorders_.end()) {
    if (order.action == Action::resume) {
      report_(RecorderFailed{order.token, order.recorder, "no such recording is running"});
    } else if (order.token != 0) {
      report_(Done{order.token});
    }
    return;
  }
  Recorder& recorder = *it->second;
  if (order.action == Action::stop) {
    finish(recorder, order.token, order.by, now);
    return;
  }
  const bool pause = order.action == Action::pause;
  if (!pause && recorder.story.actions.size() >= config_.actions_max) {
    failures_.add();
    report_(RecorderFailed{order.token, order.recorder, "paused too often: it stays paused"});
    return;
  }
  if (recorder.timeline.paused() != pause) {
    recorder.story.actions.push_back({name_of(order.action), order.by, now});
    actions_used_.raise(static_cast<std::int64_t>(recorder.story.actions.size()));
    pause ? recorder.timeline.pause(now) : recorder.timeline.resume(now);
  }
  if (order.token != 0) report_(Done{order.token});
}

void RecorderSet::audio(Slot slot, const Media& media, Instant now) {
  for (const Tap& tap : taps_[slot]) {
    const bool audible = tap.audible && !media.muted;
    if (!tap.recorder->timeline.place(tap.voice, media, now, audible)) overflows_.add();
  }
}

void RecorderSet::prefetch(Slot slot, std::size_t step) const {
  if (step == 0) return prefetch_bytes(taps_[slot].data(), sizeof(Tap));
  for (const Tap& tap : taps_[slot]) {
    step == 1 ? prefetch_object(tap.recorder->timeline) : tap.recorder->timeline.prefetch_audio();
  }
}

void RecorderSet::update_bridges(Slot slot) {
  for (const Tap& tap : taps_[slot]) judge(*tap.recorder);
}

// Who is recorded: each on the left that the agent hears and who hears the agent, and the agent if
// there is one of these.
void RecorderSet::judge(const Recorder& recorder) {
  const Source* right = nullptr;
  for (const Source& it : recorder.sources) {
    if (it.voice.side == Side::right) right = &it;
  }
  bool is_any_bridged = false;
  for (const Source& it : recorder.sources) {
    if (it.voice.side == Side::right) continue;
    const bool bridged = right != nullptr && is_bridged_(it.slot, right->slot);
    tap_of(recorder, it.slot).audible = bridged;
    is_any_bridged = is_any_bridged || bridged;
  }
  if (right != nullptr) tap_of(recorder, right->slot).audible = is_any_bridged;
}

RecorderSet::Tap& RecorderSet::tap_of(const Recorder& recorder, Slot slot) {
  auto& taps = taps_[slot];
  return *std::find_if(taps.begin(), taps.end(),
                       [&](const Tap& tap) { return tap.recorder == &recorder; });
}

void RecorderSet::forget(Slot slot) {
  const std::vector<Tap> taps = std::exchange(taps_[slot], {});
  for (const Tap& tap : taps) {
    std::erase_if(tap.recorder->sources, [&](const Source& it) { return it.slot == slot; });
    judge(*tap.recorder);
  }
}

bool RecorderSet::submit_frames(Recorder& recorder, std::int64_t frames) {
  while (frames > 0) {
    const std::int64_t block = std::min(frames, frames_per_block_max);
    if (!sink_.submit(AppendRecording{recorder.id, static_cast<std::uint32_t>(block),
                                      recorder.timeline.take(block)})) {
      return false;
    }
    frames -= block;
  }
  return true;
}

void RecorderSet::hand_over(Recorder& recorder, Instant now) {
  if (!submit_frames(recorder, recorder.timeline.frames_ready(now))) {
    fail(recorder, "the disk is too slow: the buffer of audio is full");
    return;
  }
  if (now - recorder.story.actions.front().at >= config_.duration_max) {
    const RecorderId id = recorder.id;
    finish(recorder, 0, "server", now);
    failures_.add();
    report_(RecorderFailed{0, id, "the longest duration of a recording was reached"});
    return;
  }
  recorder.due = hand_over_due(now, hand_over_every);
  timers_.start(recorder.due, recorder.id);
}

void RecorderSet::advance(Instant now) {
  while (const auto id = timers_.advance(now)) {
    const auto it = recorders_.find(*id);
    if (it != recorders_.end()) hand_over(*it->second, now);
  }
}

void RecorderSet::finish(Recorder& recorder, Token token, const std::string& by, Instant now) {
  if (!submit_frames(recorder, recorder.timeline.frames_left(now))) {
    const RecorderId id = recorder.id;
    fail(recorder, "the disk is too slow: the buffer of audio is full");
    if (token != 0) report_(RecorderFailed{token, id, "the recording had failed before"});
    return;
  }
  recorder.story.actions.push_back({"stop", by, now});
  const bool submitted =
      sink_.submit(FinishRecording{token, recorder.id, std::move(recorder.story)});
  CORD_ASSERT(submitted);
  ending_.insert(recorder.id);
  remove(recorder.id);
}

void RecorderSet::fail(Recorder& recorder, const std::string& reason) {
  const RecorderId id = recorder.id;
  const bool submitted = sink_.submit(AbandonRecording{id});
  CORD_ASSERT(submitted);
  ending_.insert(id);
  remove(id);
  failures_.add();
  report_(RecorderFailed{0, id, reason});
}

void RecorderSet::remove(RecorderId id) {
  const auto it = recorders_.find(id);
  if (it == recorders_.end()) return;
  unlisten(*it->second);
  recorders_.erase(it);
  count();
}

void RecorderSet::take(RecordingOutcome&& outcome) {
  using Kind = RecordingOutcome::Kind;
  switch (outcome.kind) {
    case Kind::started:
      if (outcome.token != 0) {
        report_(RecorderStarted{outcome.token, outcome.recorder, std::move(outcome.text)});
      }
      return;
    case Kind::failed:
      remove(outcome.recorder);
      failures_.add();
      report_(RecorderFailed{outcome.token, outcome.recorder, std::move(outcome.text)});
      return;
    case Kind::finished:
      if (outcome.token != 0) report_(Done{outcome.token});
      break;
    case Kind::unfinished:
      failures_.add();
      report_(RecorderFailed{outcome.token, outcome.recorder, std::move(outcome.text)});
      break;
    case Kind::abandoned:
      break;
  }
  ending_.erase(outcome.recorder);
  count();
}

void RecorderSet::stop_all(const std::string& by, Instant now) {
  while (!recorders_.empty()) finish(*recorders_.begin()->second, 0, by, now);
}

}  // namespace cord::media
