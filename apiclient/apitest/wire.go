package apitest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
)

// answer is an HTTP response that has not been sent.
type answer struct {
	status int
	kind   string // content type; empty: jsonType
	header http.Header
	body   []byte
}

const (
	jsonType = "application/json; charset=utf-8"
	htmlType = "text/html; charset=utf-8"
)

// envelope is the frame of all answers but those of the token endpoint.
type envelope struct {
	Data      any     `json:"data"`
	ErrorCode int     `json:"errorCode"`
	ErrorText *string `json:"errorText"`
}

func success(data any) answer { return jsonAnswer(http.StatusOK, envelope{Data: data, ErrorCode: -1}) }

// failure is an error in the envelope; the documentation shows none, so its code is made up.
func failure(status int, text string) answer {
	return jsonAnswer(status, envelope{ErrorCode: status, ErrorText: &text})
}

func jsonAnswer(status int, body any) answer {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(body); err != nil { // a test's Raw that is not JSON
		return answer{status: http.StatusInternalServerError, kind: htmlType, body: []byte(err.Error())}
	}
	return answer{status: status, body: bytes.TrimSuffix(b.Bytes(), []byte("\n"))}
}

type wireUser struct {
	CustomIdentifier json.RawMessage `json:"customIdentifier,omitempty"` // nil: not shown, which is not null
	Email            string          `json:"email"`
	ID               string          `json:"id"`
	Image            *string         `json:"image"`
	IsBot            bool            `json:"isBot"`
	Name             string          `json:"name"`
	Status           string          `json:"status"`
}

func (u *User) wire() *wireUser {
	if u == nil {
		return nil
	}
	w := &wireUser{Email: u.Email, ID: u.ID, Image: orNull(u.Image), IsBot: u.IsBot, Name: u.Name, Status: u.Status}
	if u.CustomIdentifier != nil {
		w.CustomIdentifier, _ = json.Marshal(orNull(*u.CustomIdentifier)) // a string always can be
	}
	return w
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

type wireNamed struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

func wireCategory(id int64) *wireNamed {
	if id == 0 {
		return nil
	}
	return &wireNamed{ID: id, Name: fmt.Sprintf("Category %d", id)}
}

type wireEntry struct {
	ActionString  string       `json:"actionString"`
	ActionType    string       `json:"actionType"`
	IncludedItems wireIncluded `json:"includedItems"`
	Time          string       `json:"time"`
	User          *wireUser    `json:"user"`
}

type wireIncluded struct {
	Categories []*wireNamed `json:"categories"`
	Tags       []string     `json:"tags"`
	Users      []*wireUser  `json:"users"`
}

// wireEntry shows an entry as the API does. The caller holds mu.
func (s *Server) wireEntry(r *record, e Entry) any {
	if e.Raw != nil {
		return e.Raw
	}
	w := wireEntry{
		ActionString:  s.sentence(r, e),
		ActionType:    e.Type,
		IncludedItems: wireIncluded{Categories: []*wireNamed{}, Tags: orEmpty(e.Tags), Users: []*wireUser{}},
		Time:          formatTime(e.Time),
		User:          e.User.wire(),
	}
	if e.Target != nil {
		u := e.Target.wire()
		u.CustomIdentifier = nil // the samples show it on the acting user only
		w.IncludedItems.Users = append(w.IncludedItems.Users, u)
	}
	if c := wireCategory(e.Category); c != nil {
		w.IncludedItems.Categories = append(w.IncludedItems.Categories, c)
	}
	return w
}

type wireProperties struct {
	IsAnonymized    bool `json:"isAnonymized"`
	IsMuted         bool `json:"isMuted"`
	HasAttachments  bool `json:"hasAttachments"`
	HasDraft        bool `json:"hasDraft"`
	IsAssignedToBot bool `json:"isAssignedToBot"`
	IsDeleted       bool `json:"isDeleted"`
	IsExpired       bool `json:"isExpired"`
	IsHidden        bool `json:"isHidden"`
	IsLocked        bool `json:"isLocked"`
	IsSpam          bool `json:"isSpam"`
	IsSensitive     bool `json:"isSensitive"`
}

type wireTicket struct {
	ID             int64          `json:"id"`
	Title          string         `json:"title"`
	Message        string         `json:"message"`
	HTMLMessage    string         `json:"htmlMessage"`
	Author         *wireUser      `json:"author"`
	Category       *wireNamed     `json:"category"`
	CreationTime   *string        `json:"creationTime"`
	CustomFields   []CustomField  `json:"customFields"`
	LastActivity   string         `json:"lastThreadElementCreationTime"`
	LockedBy       *wireUser      `json:"lockedBy"`
	OriginalLink   *string        `json:"originalLink"`
	Properties     wireProperties `json:"properties"`
	ReplyCount     int            `json:"replyCount"`
	IsMuted        bool           `json:"isMuted"`
	Sentiment      *string        `json:"sentiment"`
	Source         string         `json:"source"`
	DetailedSource string         `json:"detailedSource"`
	SourceName     *string        `json:"sourceName"`
	Status         string         `json:"status"`
	Tags           any            `json:"tags"`
	Attachments    []struct{}     `json:"attachments"`
}

// wireTicket shows a ticket as the API does. The caller holds mu.
func (s *Server) wireTicket(t Ticket) wireTicket {
	w := wireTicket{
		ID: t.ID, Title: t.Title, Message: t.Message, HTMLMessage: "<div>" + t.Message + "</div>",
		Author: t.Author.wire(), Category: wireCategory(t.CategoryID), CustomFields: orEmpty(t.CustomFields),
		LastActivity: formatTime(t.LastActivity), LockedBy: t.Assignee.wire(),
		Properties: wireProperties{
			IsAnonymized: t.Anonymized, IsMuted: t.Muted, HasDraft: t.Draft,
			IsAssignedToBot: t.Assignee != nil && t.Assignee.IsBot, IsDeleted: t.Deleted, IsExpired: t.Expired,
			IsHidden: t.Hidden, IsLocked: t.Assignee != nil, IsSpam: t.Spam, IsSensitive: t.Sensitive,
		},
		ReplyCount: t.Replies, IsMuted: t.Muted, Sentiment: orNull(t.Sentiment),
		Source: t.Source, DetailedSource: detailedSource(t.Source), Status: t.Status,
		Tags: orEmpty(t.Tags), Attachments: []struct{}{},
	}
	if !t.NoCreated {
		w.CreationTime = orNull(formatTime(t.Created))
	}
	if s.opts.TagObjects {
		w.Tags = tagObjects(t.Tags)
	}
	return w
}

func detailedSource(source string) string {
	if source == "web" {
		return "web_website"
	}
	return source
}

func tagObjects(tags []string) []wireNamed {
	all := make([]wireNamed, len(tags))
	for i, t := range tags {
		h := digest(t)
		all[i] = wireNamed{ID: int64(h[0])<<8 | int64(h[1]), Name: t}
	}
	return all
}

func orEmpty[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
