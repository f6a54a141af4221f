/**
 * What clients call themselves, as it may be shown: names and versions of programs that exist.
 *
 * @module
 */

/**
 * Words of the texts that encoders and players send as `flashVer` and as `encoder`. All others are
 * masked: some people put a stream key wherever there is a field for it.
 */
const WORDS = new Set(
  (
    "adobe air amd and android angle apple atem avfoundation aac aja blackmagic bitmovin broadcast " +
    "broadcaster build camera chrome client com compatible cpu dev device dji directshow elemental " +
    "encoder evostream experience fbsd ffmpeg firefox flash flashver flowplayer flv flvmux flvmeta " +
    "fme fmle fmsc fms for git gopro gpu gst gstreamer haishinkit haivision hd hevc insta360 ios " +
    "ipad iphone is ivs jwplayer kiloview larix lavc lavf libavformat libobs librtmp libwowza linux " +
    "live livestream lnx mac macos magewell media mimolive mistserver mobile module mpc mpv multi " +
    "nginx nvidia obs obs-output obs-studio output osx other pc player plugin pro prism " +
    "quicksync radeon raspberry red5 restream rootencoder rtmp rtmpdump rtmp2 rtmp2sink rtmpsink " +
    "safari server sink sls slobs sluice software srs streamlabs streamyard studio svp swf switcher " +
    "teradek twitch ubuntu unified version videolan videotoolbox vimeo vlc vmix web webcam webrtc " +
    ".mp3 ac-3 av01 avc1 ec-3 flac fourcc h264 h265 hev1 hvc1 iso2 iso4 iso5 iso6 isom mp3 mp41 " +
    "mp42 mp4a mp4v opus qt vp08 vp09 vvc1 " +
    "win windows wirecast wowza x264 x265 xsplit yolobox youtube zixi zoom zlmediakit"
  ).split(" "),
);

/** Letters that stand before a version, as in `v30` and `Lavf60`, then the version itself. */
const VERSIONED = /^([a-z]*?[a-z]?)v?(\d{1,5}(?:[.,_]\d{1,5}){0,4})$/i;
const SUFFIX = /^(?:alpha|beta|rc|v|x|bit)?\d{0,4}$/i;
/** Longest text that is looked at, in UTF-16 units. */
const LONGEST = 256;

/**
 * A text such as `FMLE/3.0 (compatible; Lavf60.16.100)` with the words that name no known program
 * masked: `FMLE/3.0 (***)`. The number of numbers is bounded, so that they spell no key either.
 */
export function publicClientName(text: string): string {
  let numbers = 0;
  return text.slice(0, LONGEST).replace(/[^\s()/;:+,]+(?:,\d+)*/g, (token) => {
    const word = token.toLowerCase();
    if (WORDS.has(word)) return token;
    const [, name = "", version] = VERSIONED.exec(token) ?? [];
    if (version !== undefined && (name === "" || WORDS.has(name.toLowerCase()))) {
      return ++numbers <= MOST_NUMBERS ? token : "***";
    }
    const parts = word.split(/[-_.]/);
    if (parts.length <= 5 && parts.every((part) => WORDS.has(part) || SUFFIX.test(part))) {
      return ++numbers <= MOST_NUMBERS ? token : "***";
    }
    return "***";
  }).replace(/\*\*\*(?:[\s()/;:+,]+\*\*\*)+/g, "***");
}

/** Most versions in one text. */
const MOST_NUMBERS = 4;
