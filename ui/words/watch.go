package words

import (
	"fmt"
	"time"

	"gitgrant/flows"
)

// NewsTitle is a piece of news in a few words.
func NewsTitle(n flows.Notice, s Subject) string {
	token := s.Runtime + ": the " + string(s.Purpose) + " token "
	switch n.News {
	case flows.Ends:
		return token + "ends " + distance(s.Now, n.Verdict.ExpiresAt)
	case flows.Lacking:
		return token + "lacks what it needs"
	case flows.Works:
		return token + "works again"
	}
	switch n.Verdict.Status {
	case flows.Expired:
		return token + "has expired"
	case flows.Revoked:
		return token + "was revoked"
	case flows.SSORequired:
		return token + "waits for single sign-on"
	case flows.Restricted:
		return token + "is stopped by a policy"
	case flows.Absent:
		return token + "is gone"
	default:
		return token + "is refused"
	}
}

// NewsReason is what there is to know about it.
func NewsReason(n flows.Notice, s Subject) string {
	switch n.News {
	case flows.Works:
		return ""
	case flows.Ends:
		return ending(n.Verdict, s)
	default:
		return Reason(n.Verdict, s)
	}
}

// NewsStep is what to do about it, without any address: a notification is read
// and gone.
func NewsStep(n flows.Notice, s Subject) string {
	switch {
	case n.News == flows.Works:
		return ""
	case n.Verdict.Status == flows.SSORequired || n.Verdict.Status == flows.Restricted:
		return "Run gitgrant status " + s.Runtime + " to see what to do."
	default:
		return "Run " + reauthorizeLine(s) + "."
	}
}

// News is all of it as a line.
func News(n flows.Notice, s Subject) string {
	return join(NewsTitle(n, s)+".", NewsReason(n, s), NewsStep(n, s))
}

// SeveralNews stands for more news than a desktop should pop up at once.
func SeveralNews(runtimes []string) (title, text string) {
	shown := runtimes
	if len(shown) > 5 {
		shown = append(append([]string{}, runtimes[:4]...), count(len(runtimes)-4, "other"))
	}
	return "News of the tokens of " + count(len(runtimes), "runtime"), "It is about " + list(shown, "and") + ". Run gitgrant status to see more."
}

// NotChecked is for tokens of which one look learned nothing.
func NotChecked(runtimes []string) Message {
	return Message{
		What: "Nothing could be learned of the tokens of " + list(few(runtimes), "and") + ".",
		Why:  "Their host or the store could not be asked.",
		Next: "Run `gitgrant status` to see why.",
	}
}

// Watching says that it has begun.
func Watching(tokens int, every time.Duration) string {
	return "Watching " + count(tokens, "token") + ", about every " + Lasts(every) + ". Ctrl+C ends it."
}

// TooOften is for an interval that asks more of a host than is polite.
func TooOften(least time.Duration) Message {
	return Message{
		What: "--interval is too short.",
		Why:  "Git hosts count questions; tokens do not change by the second.",
		Next: "Give " + Lasts(least) + " or more.",
	}
}

// WatchInstalls is the head above what --install is about to write.
func WatchInstalls(paths []string) string {
	return "This goes into " + list(paths, "and") + ":"
}

// ProxyWithheld is for a proxy that the scheduled watch is not told of.
func ProxyWithheld(variable string) Message {
	return Message{
		What: "The proxy of " + variable + " is left out.",
		Why:  "Its address holds a name or a password, which goes into no file; what is scheduled goes to the hosts without it.",
		Next: "Where there is no other way, name a proxy that asks for none with `gitgrant hosts set HOST --proxy`.",
	}
}

// AskToWatch asks whether to write it.
const AskToWatch = "Write it?"

// WatchInstalled says what was written, how it begins, and how it is undone.
func WatchInstalled(begin, undo string) string {
	return fmt.Sprintf("Written. It begins with:\n  %s\nThis undoes it:\n  %s", begin, undo)
}

// NoScheduler is for a system whose scheduler is not known here.
func NoScheduler(system string) Message {
	return Message{
		What: "--install does not know the scheduler of " + system + ".",
		Why:  "It knows systemd and launchd.",
		Next: "Have yours run `gitgrant watch --once --no-input` every hour.",
	}
}
