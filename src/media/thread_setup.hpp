// What every thread of this room does first.
#pragma once

namespace cord::media {

/// Names the calling thread (at most 15 characters) and blocks all signals on it: they are the main
/// thread's. With SIGXFSZ blocked, a file-size limit is an error of write(2), not a death.
void set_up_thread(const char* name);

}  // namespace cord::media
