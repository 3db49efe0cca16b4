package main

import (
	"context"
	"fmt"
	"net"

	"github.com/spf13/cobra"

	"github.com/passavant/passavant/crypto/seal"
	"github.com/passavant/passavant/policy"
	"github.com/passavant/passavant/transfer/auditor"
	"github.com/passavant/passavant/transfer/auditor/webpage"
	"github.com/passavant/passavant/transfer/payload"
	"github.com/passavant/passavant/transfer/workspace"
)

func (a *app) serveCommand() *cobra.Command {
	var listen, readingFor string
	c := &cobra.Command{
		Use:   "serve",
		Short: "Show the log as a local web page that verifies what it shows",
		Long: `Serve shows the log in a browser: a time line, a table with filters, one record with its
decision in sentences, which data went where in which form, and what needs attention. The page
verifies records by itself, with the public key that you type in; the server need not be trusted.

It listens on this machine only and has no login. The reading is recorded once, when it starts.`,
		Example: "  passavant serve --listen 127.0.0.1:8080",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.serve(cmd.Context(), listen, readingFor)
		},
	}
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "the `ADDRESS` to listen at; a loopback address")
	return purposeFlag(c, &readingFor)
}

func (a *app) serve(ctx context.Context, listen, purpose string) error {
	host, _, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err != nil || host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return usageError{fmt.Errorf("--listen must be a loopback address such as 127.0.0.1:8080: the page has no login")}
	}
	w, err := workspace.Open(a.dir)
	if err != nil {
		return err
	}
	key, err := w.LogKey()
	if err != nil {
		return err
	}
	may, err := a.mayRead(ctx, w, purpose, "serve")
	if err != nil {
		return err
	}
	catalogues, err := w.LoadCatalogues()
	if err != nil {
		return err
	}
	keys, err := w.OpenKeys()
	if err != nil {
		return err
	}
	opener := seal.NewDetailOpener(keys.Opener()...)
	engines := map[string]*policy.Engine{}
	handler := webpage.Handler(webpage.Config{
		Party: w.Party, Dir: w.Path(w.Log), VKey: key, Shows: may.shows, Category: categoryOf(catalogues),
		Open: func() (*auditor.Auditor, error) {
			reader, err := openReader(w)
			if err != nil {
				return nil, err
			}
			return &auditor.Auditor{Reader: reader, Archives: w.ReadArchive, Engines: engines, Opener: opener}, nil
		},
	})
	a.out.line("key  %s", key)
	return a.serveHTTP(ctx, listen, handler, "open http://%s")
}

// categoryOf names the category of a path, if all catalogues that know it agree.
func categoryOf(catalogues []*payload.Catalogue) func(string) string {
	categories := map[string]string{}
	for _, c := range catalogues {
		for _, f := range c.Fields {
			if known, there := categories[f.Path]; there && known != f.Category {
				categories[f.Path] = ""
				continue
			}
			categories[f.Path] = f.Category
		}
	}
	return func(path string) string { return categories[path] }
}
